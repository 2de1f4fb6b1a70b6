"""Read Dynamics 365 Sales into the warehouse: `python -m pipelines.sales_pipeline`.

Everything it needs comes from dlt's configuration: section [sources.sales] and the paths of
section [p2c], in .dlt/config.toml, .dlt/secrets.toml or the environment.
"""

import sys

from pipelines.sales import SalesConnection
from pipelines.standalone import main

if __name__ == "__main__":
    sys.exit(main(SalesConnection))
