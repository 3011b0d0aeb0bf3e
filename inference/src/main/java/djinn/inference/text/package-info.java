/** Models of text that go on token by token, on either engine: searched for the best, or drawn from. */
package djinn.inference.text;
