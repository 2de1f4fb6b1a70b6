{{ config(tags=["gate"]) }}

-- Everything that is not listed goes to the default legal entity: there must be exactly one.
select count(*) as defaults
from {{ ref('stg_seeds__legal_entities') }}
where is_default
having count(*) <> 1
