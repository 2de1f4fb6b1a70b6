"""Read Dynamics 365 Finance and Operations: `python -m pipelines.finops_pipeline`.

Everything it needs comes from dlt's configuration: section [sources.finops] and the paths of
section [p2c], in .dlt/config.toml, .dlt/secrets.toml or the environment.
"""

import sys

from pipelines.finops import FinopsConnection
from pipelines.standalone import main

if __name__ == "__main__":
    sys.exit(main(FinopsConnection))
