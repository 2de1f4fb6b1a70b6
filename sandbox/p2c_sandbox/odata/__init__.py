"""The OData 4.0 engine both services are built on: model, store, queries, batch, metadata."""
