/** Operators that compare a property with values (apic-protocol.md §2.3). */
export type ComparisonOperator = 'eq' | 'ne' | 'lt' | 'gt' | 'le' | 'ge' | 'bw' | 'wcard' | 'anybit' | 'allbits';

/** A filter as it is written: `and(eq(fvTenant.name,"a"),not(wcard(fvTenant.descr,"x")))`. */
export type FilterExpression =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'not'; readonly operand: FilterExpression }
  | { readonly kind: 'and' | 'or' | 'xor'; readonly operands: readonly FilterExpression[] }
  | {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly className: string;
      readonly property: string;
      readonly values: readonly string[];
    };
