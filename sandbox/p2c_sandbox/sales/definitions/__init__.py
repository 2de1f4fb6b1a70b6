"""Tables, columns, keys and relationships as the Web API describes them.

All of it follows from the model, so nothing of it is stored. What the service describes and the
sandbox does not is answered with 501 (`metadata/sales/_elsewhere.yml` names it).
"""
