-- Quotations of F&O that have the number of a quote, and what shows that they are one (O9): a link, the
-- name that travelled, or the same customer and Sales as their origin. Revisions share their number.
with quotations as (
    select * from {{ ref('stg_finops__sales_quotation_headers') }} where deleted_at is null
),

written as (
    select distinct record_key
    from ({{ written_links('finops', 'quotations', 'CDSSalesQuotationHeaders') }}) as links
),

compared as (
    select
        quotations.data_area_id,
        quotations.sales_quotation_number,
        quotations.sales_quotation_name,
        quotations.requesting_customer_account_number,
        case
            when written.record_key is not null then 3
            when {{ fit('quotes.document_name', 60) }} = quotations.sales_quotation_name then 2
            when
                lower(quotes.customer_account) = lower(quotations.requesting_customer_account_number)
                and (
                    quotes.is_maintained_externally
                    or quotations.sales_quotation_header_creation_method = 'Dynamics365Sales'
                )
                then 1
            else 0
        end as evidence
    from quotations
    inner join {{ ref('quotations') }} as quotes
        on
            quotations.data_area_id = quotes.data_area_id
            and quotations.sales_quotation_number = quotes.document_number
    left join written
        on quotations.data_area_id || '/' || quotations.sales_quotation_number = written.record_key
)

select
    data_area_id,
    sales_quotation_number,
    sales_quotation_name,
    requesting_customer_account_number as customer_account,
    case max(evidence)
        when 3 then 'link'
        when 2 then 'name'
        when 1 then 'customer and origin'
        else 'nothing'
    end as matched_by,
    max(evidence) > 0 as is_pair
from compared
group by
    data_area_id, sales_quotation_number, sales_quotation_name, requesting_customer_account_number
