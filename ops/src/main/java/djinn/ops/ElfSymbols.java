package djinn.ops;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Addresses out of the full table of symbols of a library of Linux. The system's own look-up, by {@code dlsym}, knows only
 * what a library exports.
 *
 * <p>Source: the ELF-64 object file format, version 1.5: sections 3 (header), 4 (sections) and 6 (symbols).
 */
final class ElfSymbols {

    private static final int MAGIC = 0x464c457f; // 0x7f, E, L, F
    private static final byte BITS_64 = 2;
    private static final byte LITTLE_ENDIAN = 1;
    private static final int SYMBOLS = 2;
    private static final int HEADER_SIZE = 64;
    private static final int SYMBOL_SIZE = 24;

    private ElfSymbols() {}

    /**
     * Returns where symbols lie, in bytes from where the library is loaded, by their names; those that are not found are
     * left out. Of a name that is there twice, the last.
     *
     * @param file a library of 64 bits, little-endian, of less than 2 GiB
     * @throws IOException if it cannot be read or is another kind of file
     */
    static Map<String, Long> addresses(Path file, String... names) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer data = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
                    .order(ByteOrder.LITTLE_ENDIAN);
            if (data.limit() < HEADER_SIZE
                    || data.getInt(0) != MAGIC
                    || data.get(4) != BITS_64
                    || data.get(5) != LITTLE_ENDIAN) {
                throw new IOException("expected a library in ELF of 64 bits, little-endian: " + file);
            }
            Map<String, Long> found = new HashMap<>();
            int sections = Math.toIntExact(data.getLong(40));
            int size = data.getShort(58);
            for (int i = 0; i < data.getShort(60); i++) {
                int section = sections + i * size;
                if (data.getInt(section + 4) == SYMBOLS) {
                    int texts = sections + data.getInt(section + 40) * size;
                    addAll(data, section, Math.toIntExact(data.getLong(texts + 24)), names, found);
                }
            }
            return found;
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            throw new IOException("a library that is cut off or larger than 2 GiB: " + file, e);
        }
    }

    private static void addAll(ByteBuffer data, int section, int texts, String[] names, Map<String, Long> found) {
        byte[][] wanted = new byte[names.length][];
        for (int i = 0; i < names.length; i++) {
            wanted[i] = (names[i] + "\0").getBytes(StandardCharsets.US_ASCII);
        }
        int first = Math.toIntExact(data.getLong(section + 24));
        int end = Math.toIntExact(first + data.getLong(section + 32));
        for (int symbol = first; symbol < end; symbol += SYMBOL_SIZE) {
            int text = texts + data.getInt(symbol);
            for (int i = 0; i < wanted.length; i++) {
                if (isAt(data, text, wanted[i])) {
                    found.put(names[i], data.getLong(symbol + 8));
                }
            }
        }
    }

    private static boolean isAt(ByteBuffer data, int text, byte[] wanted) {
        if (text + wanted.length > data.limit()) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (data.get(text + i) != wanted[i]) {
                return false;
            }
        }
        return true;
    }
}
