package djinn.cli;

import picocli.CommandLine.IVersionProvider;

/** Tells the versions of Djinn, Java and the system. */
final class Version implements IVersionProvider {

    /** Returns Djinn's own version. */
    static String own() {
        String own = Djinn.class.getPackage().getImplementationVersion();
        return own == null ? "development" : own;
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            "djinn " + own(),
            "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
        };
    }
}
