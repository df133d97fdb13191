import { imageReferences } from '../../src/images/catalog.ts';

/** The tag that the set-up has built: the one setting that the servers under test take from the environment of the tests. */
export const imageTag = process.env['CORACLE_IMAGE_TAG'] || 'latest';
export const imageReference = imageReferences(imageTag);
