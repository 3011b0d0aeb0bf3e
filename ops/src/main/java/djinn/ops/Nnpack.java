package djinn.ops;

import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.file.Path;
import java.util.Map;

/**
 * NNPACK, one of the engine's libraries of convolutions.
 *
 * <p>On Linux it computes nothing: it takes float32 and batches of 16 or more, and of those oneDNN, which is asked first,
 * leaves it none. Yet the engine starts it when a convolution gets that far, such as one of float64, and where a processor
 * does not suit it, writes a warning to standard error, whatever Java does with it. PyTorch has a switch for users
 * ({@code torch.backends.nnpack}); what is behind it is looked at before the library is started.
 */
final class Nnpack {

    /** RTLD_LAZY and RTLD_NOLOAD of Linux: the library that the engine has loaded, and its names not for others. */
    private static final int AS_LOADED = 1 | 4;

    private static final String CONTEXT = "_ZN2at13globalContextEv";
    private static final String ENABLE = "_ZN2at7Context20setUserEnabledNNPACKEb";
    private static final String ENABLED = "_ZNK2at7Context17userEnabledNNPACKEv";

    private Nnpack() {}

    /** Has the engine, which is loaded, never ask for it. Does nothing on other systems, or where names are others. */
    static void leaveOut() {
        if (!isLinux()) {
            return;
        }
        try {
            NativeLibrary library = library();
            library.getFunction(ENABLE).invokeVoid(new Object[] {context(library), 0});
        } catch (UnsatisfiedLinkError e) {
            // another build of the engine: it may warn
        }
    }

    /** Whether the engine may ask for it; on Linux. */
    static boolean isAskedFor() {
        NativeLibrary library = library();
        return (library.getFunction(ENABLED).invokeInt(new Object[] {context(library)}) & 0xff) != 0;
    }

    static boolean isLinux() {
        return System.getProperty("os.name").equals("Linux");
    }

    private static NativeLibrary library() {
        String file = Path.of(LibUtils.getLibtorchPath(), "libtorch_cpu.so").toString();
        return NativeLibrary.getInstance(file, Map.of(Library.OPTION_OPEN_FLAGS, AS_LOADED));
    }

    private static Pointer context(NativeLibrary library) {
        return library.getFunction(CONTEXT).invokePointer(new Object[0]);
    }
}
