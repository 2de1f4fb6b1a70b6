{{ config(tags=["gate"], severity=env_var("P2C_GATES", "error")) }}

-- Every row has a fate and the counts add up, for every target of every flow.
select *
from {{ ref('flow_counts') }}
where
    source_rows
    <> filtered + identical + "create" + "update" + deactivate + rejected + blocked + conflict
