with staged as (
    {{ staged_seed('value_map_units') }}
)

-- A symbol becomes one unit: of several preferred ones the first in the file.
select
    seed_row,
    finops_symbol,
    sales_unit,
    coalesce(is_preferred, false) as is_marked_preferred,
    coalesce(is_preferred, false) and row_number() over (
        partition by lower(finops_symbol) order by is_preferred desc nulls last, seed_row
    ) = 1 as is_preferred
from staged
