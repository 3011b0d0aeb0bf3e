package djinn.cli;

import java.io.Console;
import java.lang.reflect.InvocationTargetException;

/** Tells whether a person is watching. */
final class Terminal {

    private static final int CONSOLE_IS_ALWAYS_THERE = 22;

    private Terminal() {}

    /** Whether input and output are a terminal. */
    @SuppressWarnings("SystemConsoleNull") // newer runtimes are asked below
    static boolean present() {
        Console console = System.console();
        if (console == null || Runtime.version().feature() < CONSOLE_IS_ALWAYS_THERE) {
            return console != null;
        }
        try {
            // Console.isTerminal, which Java 17 does not have
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            return false;
        }
    }
}
