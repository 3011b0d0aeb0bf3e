/**
 * Images of one domain to images of another, learned without pairs; and what all tasks that learn from images of two domains
 * have in common.
 */
package djinn.tasks.imagetranslation;
