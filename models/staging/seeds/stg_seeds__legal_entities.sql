with staged as (
    {{ staged_seed('legal_entities') }}
)

-- One default, and one prefix for each legal entity: of several the first in the file.
select
    seed_row,
    business_unit,
    data_area_id,
    coalesce(is_default, false) as is_marked_default,
    coalesce(is_default, false)
    and row_number() over (order by is_default desc nulls last, seed_row) = 1 as is_default,
    number_prefix as written_prefix,
    arg_min(number_prefix, seed_row) over (partition by data_area_id) as number_prefix
from staged
