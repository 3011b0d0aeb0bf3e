/** Sentences of one language to sentences of another. */
package djinn.predict.translation;
