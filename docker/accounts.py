"""The accounts of Airflow that the house needs, made where they are missing: an administrator and the two who sign.

Run by the `init` service. A password is the secret `airflow_<account>_password` until its owner changes it in the
interface; an account that is there is left as it is. `--reset ACCOUNT` sets its password to the secret again.
"""

from __future__ import annotations

import sys
from pathlib import Path

SECRETS = Path("/run/secrets")
SIGNER = "Signer"
# Account -> (first name, last name, role). Whoever runs the office's DAGs, and whoever only signs.
ACCOUNTS = {
    "admin": ("系统", "管理员", "Admin"),
    "statistics_officer": ("统计", "负责人", "Op"),
    "bureau_leader": ("局", "领导", SIGNER),
}


def main(reset: list[str]) -> None:
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
    from airflow.providers.fab.www.security import permissions as p

    with get_application_builder() as builder:
        manager = builder.sm
        manager.sync_roles()
        # A viewer who may answer what waits for a signature: Airflow asks for the right to edit the DAG beside it.
        answers = [
            (p.ACTION_CAN_EDIT, p.RESOURCE_DAG),
            (p.ACTION_CAN_EDIT, p.RESOURCE_HITL_DETAIL),
            (p.ACTION_CAN_ACCESS_MENU, p.RESOURCE_HITL_DETAIL),
        ]
        manager.bulk_sync_roles([{"role": SIGNER, "perms": [*manager.VIEWER_PERMISSIONS, *answers]}])
        for name, (first, last, role) in ACCOUNTS.items():
            password = (SECRETS / f"airflow_{name}_password").read_text(encoding="utf-8").strip()
            user = manager.find_user(username=name)
            if user is None:
                mail = f"{name}@localhost"
                if not manager.add_user(name, first, last, mail, manager.find_role(role), password=password):
                    sys.exit(f"the account {name} could not be made: see the lines above")
                print(f"account {name}: made, role {role}", flush=True)
            elif name in reset:
                manager.reset_password(user.id, password)
                print(f"account {name}: password is that of its secret again", flush=True)
            else:
                print(f"account {name}: there", flush=True)


if __name__ == "__main__":
    main(sys.argv[2:] if sys.argv[1:2] == ["--reset"] else [])
