/** Images told value by value, each by those before it: exact likelihoods, and images drawn pixel by pixel. */
package djinn.tasks.autoregressive;
