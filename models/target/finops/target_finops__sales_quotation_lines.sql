with lines as (
    select
        *,
        -- A number that was freed and given to another line is that line's.
        is_deleted and row_number() over (
            partition by document_id, line_number order by is_deleted, line_id
        ) > 1 as is_another_ones
    from {{ ref('quotation_lines') }}
),

headers as (
    select * from {{ ref('target_finops__sales_quotation_headers') }}
),

customers as (
    {{ customer_places() }}
),

-- Lines of F&O from before the integration: nobody knows which lines of the quote they are (O8).
unnumbered as (
    select data_area_id, sales_quotation_number
    from {{ ref('stg_finops__sales_quotation_lines') }}
    where deleted_at is null and {{ has_no_number('line_creation_sequence_number') }}
    group by data_area_id, sales_quotation_number
),

desired as (
    select
        {{ entered_line_columns(
            'SalesQuotationNumber', 'RequestedSalesQuantity', 'CDSSalesQuotationHeaders') }},
        case
            when headers.p2c_deleted then 'its quote is gone'
            when headers.p2c_filtered is not null
                then 'its quote is out of scope: ' || headers.p2c_filtered
            when lines.is_another_ones then 'it is gone, and its number is that of another line'
            -- A line that is gone keeps the flag it was last read with; it says nothing any more.
            when not lines.is_deleted and not lines.has_external_products_only
                then 'its product does not come from F&O'
        end as p2c_filtered,
        coalesce(
            {{ entered_line_blocked('quote') }},
            case
                when unnumbered.data_area_id is not null
                    then
                        'F&O has lines of it without a line creation sequence number: run'
                        || ' SalesPopulateProspectToCash there once, in the company ' || lines.data_area_id
            end
        ) as p2c_blocked
    from lines
    inner join headers on lines.document_id = headers.p2c_source_key
    left join unnumbered
        on
            lines.data_area_id = unnumbered.data_area_id
            and lines.document_number = unnumbered.sales_quotation_number
    left join customers
        on
            headers."dataAreaId" = customers."dataAreaId"
            and headers."RequestingCustomerAccountNumber" = customers."CustomerAccount"
),

surplus as (
    {{ surplus_quotation_lines() }}
)

select * from desired
union all by name
select
    data_area_id as "dataAreaId",
    document_number as "SalesQuotationNumber",
    line_number as "LineCreationSequenceNumber",
    -- No line of Sales is its source: it goes by its own key.
    document_key || '/' || line_number as p2c_source_key,
    document_key || '/' || line_number as p2c_record_key,
    {{ json_array([parent('finops.CDSSalesQuotationHeaders', 'document_key')]) }} as p2c_parents,
    true as p2c_deleted,
    '[]' as p2c_reasons,
    '[]' as p2c_cuts
from surplus
