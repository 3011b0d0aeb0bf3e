package djinn.cli;

import picocli.CommandLine.IVersionProvider;

/** Tells the versions of Djinn, Java and the system. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        String own = Djinn.class.getPackage().getImplementationVersion();
        return new String[] {
            "djinn " + (own == null ? "development" : own),
            "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
        };
    }
}
