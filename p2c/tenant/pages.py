"""The page of all that the application needs (docs/tenant/role.md), from the project itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from p2c.tenant.privileges import finops_entities, sales_privileges
from p2c.tenant.role_file import entities_markdown, markdown

if TYPE_CHECKING:
    from loaders import SyncGraph
    from p2c.config.context import Context

NOTICE = "<!-- Written by `make docs`; do not edit. -->"
SALES = """\
# What the application needs

Computed from the tables that are read and from what the flows write
([decision 0044](../decisions/0044-the-role-follows-from-the-project.md)).
`p2c setup sales --role-file role.md` writes the first table for your own project.

## Privileges in Sales

Each at the level *Organization*: change tracking asks for it, and tables that nobody owns know no
other. `yes`: a run needs it. `undo`: `p2c undo` deletes records that it created. `number_accounts`,
`number_contacts`: these flows run when they are asked for. Lines have the privileges of their
document; price lists, their items and units those of products. The last rows are tables of the
platform: definitions and versions, for `p2c doctor` and `p2c setup`, and which tables take records
in bulk.

"""
FINOPS = """
## Entities in F&O

What the user behind the application must be able to do with each entity set. `p2c doctor` and data
packages read `LegalEntities` besides.

"""


def role_page(context: Context, graph: SyncGraph) -> str:
    """The page as Markdown."""
    sales = markdown(sales_privileges(context, graph))
    finops = entities_markdown(finops_entities(context, graph))
    return f"{NOTICE}\n{SALES}{sales}{FINOPS}{finops}"
