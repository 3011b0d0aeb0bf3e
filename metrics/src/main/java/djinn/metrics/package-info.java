/** Figures gathered batch by batch. */
package djinn.metrics;
