"""The synthetic county: latent people, schools and money, and the files an office would receive from them."""
