package djinn.ops;

/**
 * NNPACK, one of the engine's libraries of convolutions.
 *
 * <p>On Linux it computes nothing: it takes float32 and batches of 16 or more, and of those oneDNN, which is asked first,
 * leaves it none. Yet the engine starts it when a convolution gets that far, such as one of float64, and where a processor
 * does not suit it, writes a warning to standard error, whatever Java does with it. PyTorch has a switch for users
 * ({@code torch.backends.nnpack}); what is behind it is looked at before the library is started.
 */
final class Nnpack {

    private static final String ENABLE = "_ZN2at7Context20setUserEnabledNNPACKEb";
    private static final String ENABLED = "_ZNK2at7Context17userEnabledNNPACKEv";

    private Nnpack() {}

    /** Has the engine, which is loaded, never ask for it. Does nothing on other systems, or where names are others. */
    static void leaveOut() {
        if (!EngineLibrary.isLinux()) {
            return;
        }
        try {
            EngineLibrary library = new EngineLibrary();
            library.exported(ENABLE).invokeVoid(new Object[] {library.context(), 0});
        } catch (UnsatisfiedLinkError e) {
            // another build of the engine: it may warn
        }
    }

    /** Whether the engine may ask for it; on Linux. */
    static boolean isAskedFor() {
        EngineLibrary library = new EngineLibrary();
        return (library.exported(ENABLED).invokeInt(new Object[] {library.context()}) & 0xff) != 0;
    }
}
