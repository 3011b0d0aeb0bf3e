/** Text as tokens: vocabularies, sequences and their parts, batches of windows. */
package djinn.data.text;
