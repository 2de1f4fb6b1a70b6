"""Arguments that several actions share, with the help that `p2c sandbox do` shows."""

from decimal import Decimal
from typing import Annotated

from p2c_sandbox.finops.desk import Quantities

OrderNumber = Annotated[str, "Sales order number."]
LineNumber = Annotated[int, "Creation sequence number of the line."]
Product = Annotated[str, "Product number."]
Amount = Annotated[Decimal, "Amount in the order's currency."]
Parts = Annotated[Quantities | None, "LINE=QUANTITY; all that remains when left out."]
