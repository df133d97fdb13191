import { expect, test } from 'vitest';
import { createCompany } from '../../../src/tenancy/company.ts';

test('others are company while they were here lately, and nobody is company to himself', () => {
  const company = createCompany(100);
  expect(company.hasOther('a', 0)).toBe(false);
  company.note('a', 0);
  expect(company.hasOther('a', 50)).toBe(false);
  company.note('b', 50);
  expect([company.hasOther('a', 149), company.hasOther('b', 99)]).toEqual([true, true]);
  expect(company.hasOther('a', 150)).toBe(false);
  expect(company.hasOther('b', 150)).toBe(false);
  company.note('b', 160);
  expect(company.hasOther('a', 161)).toBe(true);
});
