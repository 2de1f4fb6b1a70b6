select
    units.businessunitid as business_unit_id,
    entities.data_area_id
from {{ ref('stg_sales__businessunits') }} as units
inner join {{ ref('keys_legal_entities') }} as entities
    on units.businessunitid = entities.business_unit_id and entities.preference = 1
