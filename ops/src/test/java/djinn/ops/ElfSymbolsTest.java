package djinn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.condition.OS.LINUX;

import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;

class ElfSymbolsTest {

    private static final int NAMES = 64;
    private static final int SYMBOLS = 96;
    private static final int SECTIONS = 160;

    @TempDir
    private Path folder;

    @Test
    void anAddressIsFoundByTheWholeName() throws IOException {
        Path file = Files.write(folder.resolve("a.so"), library());

        assertThat(ElfSymbols.addresses(file, "start", "starter", "tart", "absent"))
                .isEqualTo(Map.of("start", 0x1234L, "starter", 0x5678L));
    }

    @Test
    void anotherFileIsRefused() throws IOException {
        Path text = Files.writeString(
                folder.resolve("a.txt"), "a text of more than sixty-four letters, which is no library of any kind");
        Path half = Files.write(folder.resolve("half.so"), Arrays.copyOf(library(), SECTIONS + 70));

        assertThatThrownBy(() -> ElfSymbols.addresses(text, "start"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected a library in ELF of 64 bits");
        assertThatThrownBy(() -> ElfSymbols.addresses(half, "start"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cut off");
    }

    @Test
    @EnabledOnOs(value = LINUX, architectures = "amd64")
    void theEnginesLibraryTellsWhereItsFunctionsAre() throws IOException {
        PyTorch.engine();
        EngineLibrary library = new EngineLibrary();
        String exported = "_ZNK2at7Context17userEnabledNNPACKEv";

        assertThat(library.inner(exported).map(Pointer::nativeValue))
                .contains(Pointer.nativeValue(library.exported(exported)));
        assertThat(library.inner("_ZN4dnnl4impl3cpu3x643cpuEv")).isPresent();
        assertThat(library.inner("_ZN4dnnl4none")).isEmpty();
    }

    /** A header, names, two symbols, and the two sections that tell of them. */
    private static byte[] library() {
        ByteBuffer data = ByteBuffer.allocate(SECTIONS + 2 * 64).order(ByteOrder.LITTLE_ENDIAN);
        data.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1});
        data.putLong(40, SECTIONS).putShort(58, (short) 64).putShort(60, (short) 2);
        data.put(NAMES, "\0start\0starter\0".getBytes(StandardCharsets.US_ASCII));
        data.putInt(SYMBOLS, 1).putLong(SYMBOLS + 8, 0x1234);
        data.putInt(SYMBOLS + 24, 7).putLong(SYMBOLS + 32, 0x5678);
        section(data, 0, 3, NAMES, 15, 0);
        section(data, 1, 2, SYMBOLS, 48, 0);
        return data.array();
    }

    private static void section(ByteBuffer data, int number, int type, long offset, long size, int link) {
        int place = SECTIONS + number * 64;
        data.putInt(place + 4, type)
                .putLong(place + 24, offset)
                .putLong(place + 32, size)
                .putInt(place + 40, link);
    }
}
