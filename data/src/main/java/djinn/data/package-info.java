/** Images with labels: where they come from, how they are decoded, changed at random, and handed out in batches. */
package djinn.data;
