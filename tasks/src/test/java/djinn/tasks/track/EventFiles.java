package djinn.tasks.track;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;
import org.tensorflow.util.SessionLog;

/** Event files, read by TensorFlow's own messages; checksums are computed bit by bit. */
final class EventFiles {

    static {
        // these classes are of 2019; what they read here a test has just written
        System.setProperty("com.google.protobuf.use_unsafe_pre22_gencode", "true");
    }

    private EventFiles() {}

    /** Returns all events of a folder, file by file in the order of their names. */
    static List<Event> read(Path folder) throws IOException {
        List<Event> events = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.sorted().toList();
        }
        for (Path file : files) {
            try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
                while (in.available() > 0) {
                    byte[] length = in.readNBytes(8);
                    assertThat(little(in.readNBytes(4)).getInt()).isEqualTo(checksum(length));
                    byte[] record = in.readNBytes((int) little(length).getLong());
                    assertThat(little(in.readNBytes(4)).getInt()).isEqualTo(checksum(record));
                    events.add(Event.parseFrom(record));
                }
            }
        }
        return events;
    }

    /** Forgets what TensorBoard forgets where a run goes on: all from the step of the mark on. */
    static List<Event> shown(List<Event> events) {
        List<Event> shown = new ArrayList<>();
        for (Event event : events) {
            if (event.getSessionLog().getStatus() == SessionLog.SessionStatus.START) {
                shown.removeIf(before -> before.hasSummary() && before.getStep() >= event.getStep());
            } else {
                shown.add(event);
            }
        }
        return shown;
    }

    /** Returns figures by name and step; none may come twice. */
    static Map<String, NavigableMap<Long, Float>> scalars(List<Event> events) {
        Map<String, NavigableMap<Long, Float>> scalars = new TreeMap<>();
        for (Event event : events) {
            for (Summary.Value value : event.getSummary().getValueList()) {
                if (value.getValueCase() == Summary.Value.ValueCase.SIMPLE_VALUE) {
                    Float before = scalars.computeIfAbsent(value.getTag(), tag -> new TreeMap<>())
                            .put(event.getStep(), value.getSimpleValue());
                    assertThat(before)
                            .as("%s at step %d comes twice", value.getTag(), event.getStep())
                            .isNull();
                }
            }
        }
        return scalars;
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** CRC-32C by its polynomial, masked. */
    static int checksum(byte[] bytes) {
        int crc = crc32c(bytes);
        return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
    }

    static int crc32c(byte[] bytes) {
        int crc = -1;
        for (byte next : bytes) {
            crc ^= next & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
            }
        }
        return ~crc;
    }
}
