/** The djinn command: one thin class per subcommand. */
package djinn.cli;
