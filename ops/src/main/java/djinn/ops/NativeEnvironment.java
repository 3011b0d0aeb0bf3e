package djinn.ops;

import com.sun.jna.NativeLibrary;

/** Variables of the process's environment as native libraries read them; what Java shows of it stays as it was. */
public final class NativeEnvironment {

    private NativeEnvironment() {}

    /**
     * Sets a variable unless it is set already. Does nothing on Windows, whose libraries have environments of their own.
     *
     * @param name its name
     * @param value its value
     */
    public static void putIfAbsent(String name, String value) {
        if (System.getProperty("os.name").startsWith("Windows")) {
            return;
        }
        try {
            NativeLibrary.getInstance("c").getFunction("setenv").invokeInt(new Object[] {name, value, 0});
        } catch (UnsatisfiedLinkError e) {
            // no C library by that name: the library goes without the hint
        }
    }
}
