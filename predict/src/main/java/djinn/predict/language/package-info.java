/** Texts that go on. */
package djinn.predict.language;
