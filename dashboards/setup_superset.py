"""Bring Superset's metadata to this version and to the bundle of this repository. Run in Superset's own environment.

Safe to repeat: tables are migrated, roles and accounts are made where they are missing. A bundle that was imported is
not imported again; another one is put in place by UUID and leaves alone what is not of the bundle.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import yaml
from flask import g

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

# Account -> (its role, the connections whose data sets it reads). Its password: the secret superset_<account>_password.
# What an administrator adds to a role stays.
ADMIN = "admin"
ACCOUNTS = {
    "county": ("县域看板", ("county",)),
    "research": ("教研看板", ("county", "research")),
}


def main() -> None:
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        migrate()
        import_bundle(HERE / "bundle")
        make_accounts()


def migrate() -> None:
    """The metadata's tables and permissions of this version of Superset."""
    import superset
    from flask_migrate import upgrade
    from superset import appbuilder, security_manager

    upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    make_account(ADMIN, "Admin")
    print("metadata: ready", flush=True)


def import_bundle(folder: Path) -> None:
    """Connections, data sets, charts and dashboards of the bundle, as the administrator, unless they are there."""
    from flask import current_app
    from superset import security_manager
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    contents = {str(p.relative_to(folder)): p.read_text(encoding="utf-8") for p in sorted(folder.rglob("*.yaml"))}
    mark = Path(current_app.config["DATA_DIR"]) / "bundle.sha256"
    digest = hashlib.sha256(json.dumps([current_app.config["VERSION_STRING"], contents]).encode()).hexdigest()
    # The mark alone is not enough: the database may be another one by now.
    if mark.is_file() and mark.read_text() == digest and is_imported(contents):
        print("bundle: unchanged", flush=True)
        return
    g.user = security_manager.find_user(username=ADMIN)
    ImportAssetsCommand(contents).run()
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(digest)
    print(f"bundle: {len(contents) - 1} files", flush=True)


def is_imported(contents: dict[str, str]) -> bool:
    """Whether Superset has every thing of the bundle, by UUID."""
    from superset import db
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.core import Database
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    kinds = {"databases": Database, "datasets": SqlaTable, "charts": Slice, "dashboards": Dashboard}
    kept = {kind: {str(uuid) for (uuid,) in db.session.query(model.uuid)} for kind, model in kinds.items()}
    wanted = {(path.split("/")[0], yaml.safe_load(text).get("uuid")) for path, text in contents.items()}
    return all(uuid in kept[kind] for kind, uuid in wanted if kind in kinds)


def make_accounts() -> None:
    """Readers of the dashboards: an account may ask for the bundle's data sets of its connections, and for no more."""
    from superset import db, security_manager
    from superset.connectors.sqla.models import SqlaTable

    bundled: dict[str, list[str]] = {}
    for path in sorted((HERE / "bundle" / "datasets").rglob("*.yaml")):
        bundled.setdefault(path.parent.name, []).append(yaml.safe_load(path.read_text(encoding="utf-8"))["uuid"])
    for account, (role_name, reads) in ACCOUNTS.items():
        role = security_manager.add_role(role_name)
        wanted = set(role.permissions)
        for uuid in (uuid for connection in reads for uuid in bundled[connection]):
            data_set = db.session.query(SqlaTable).filter_by(uuid=uuid).one()
            wanted.add(security_manager.add_permission_view_menu("datasource_access", data_set.perm))
        if set(role.permissions) != wanted:
            role.permissions = list(wanted)
            db.session.commit()
        make_account(account, "Gamma", role_name)
    print(f"accounts: {', '.join((ADMIN, *ACCOUNTS))}", flush=True)


def make_account(name: str, *roles: str) -> Any:
    """An account with exactly these roles; its password is that of its secret, also when the secret changed."""
    from superset import db, security_manager
    from superset_config import read_secret
    from werkzeug.security import check_password_hash

    password = read_secret(f"superset_{name}_password")
    wanted = [security_manager.find_role(role) for role in roles]
    user = security_manager.find_user(username=name)
    if user is None:
        made = security_manager.add_user(name, name, "", f"{name}@localhost", wanted, password=password)
        if not made:
            raise SystemExit(f"the account {name} could not be made")
        return made
    if not check_password_hash(user.password, password):
        security_manager.reset_password(user.id, password)
    if set(user.roles) != set(wanted):
        user.roles = wanted
        db.session.commit()
    return user


if __name__ == "__main__":
    main()
