package djinn.parquet;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/**
 * One Parquet file with a column of images and one of labels: {@code image} or {@code img}, the bytes of image files or a
 * struct with them in {@code bytes}, and {@code label}, {@code labels} or {@code fine_label}, whole numbers or texts.
 *
 * @param file the file
 * @param schema its columns
 * @param metadata what its writer says of it, by key
 * @param rows the rows of each of its groups
 */
record ParquetTable(Path file, MessageType schema, Map<String, String> metadata, List<Integer> rows) {

    private static final List<String> IMAGES = List.of("image", "img", "jpg", "png", "webp");
    private static final List<String> LABELS = List.of("label", "labels", "fine_label", "cls");
    private static final String BYTES = "bytes";

    ParquetTable {
        metadata = Map.copyOf(metadata);
        rows = List.copyOf(rows);
    }

    /** Reads the foot of a file. */
    static ParquetTable open(Path file) {
        try (ParquetFileReader reader = reader(file)) {
            List<Integer> rows = new ArrayList<>();
            for (BlockMetaData group : reader.getRowGroups()) {
                rows.add(Math.toIntExact(group.getRowCount()));
            }
            ParquetTable table = new ParquetTable(
                    file,
                    reader.getFileMetaData().getSchema(),
                    reader.getFileMetaData().getKeyValueMetaData(),
                    rows);
            table.imageColumn();
            table.labelColumn();
            return table;
        } catch (DataException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw damaged(file, e);
        }
    }

    private static ParquetFileReader reader(Path file) throws IOException {
        PlainParquetConfiguration plain = new PlainParquetConfiguration();
        ParquetReadOptions options = ParquetReadOptions.builder(plain)
                .withCodecFactory(new Gzip(new CodecFactory(plain, 0)))
                .build();
        return ParquetFileReader.open(new LocalInputFile(file), options);
    }

    /** Whatever damage leads into: Parquet throws exceptions of many kinds. */
    private static DataException damaged(Path file, Exception e) {
        String reason = e instanceof IOException io ? AtomicFile.reason(io) : String.valueOf(e.getMessage());
        return AtomicFile.unusable(
                file
                        + ": expected a whole Parquet file, packed by snappy, gzip, zstd, lz4 or not at all, but it cannot be"
                        + " read (" + reason.lines().findFirst().orElse("") + "); copy or download it again",
                e);
    }

    private String imageColumn() {
        return column(IMAGES, "images", ParquetTable::isImage);
    }

    String labelColumn() {
        return column(LABELS, "labels", ParquetTable::isLabel);
    }

    private String column(List<String> names, String what, Predicate<Type> fits) {
        Optional<String> found = names.stream()
                .filter(schema::containsField)
                .filter(name -> fits.test(schema.getType(name)))
                .findFirst();
        return found.orElseThrow(() -> new DataException(file + ": expected a column of " + what + ", one of " + names
                + ", found the columns "
                + schema.getFields().stream()
                        .map(field -> field.isPrimitive()
                                ? field.getName() + " ("
                                        + field.asPrimitiveType()
                                                .getPrimitiveTypeName()
                                                .toString()
                                                .toLowerCase(Locale.ROOT)
                                        + ")"
                                : field.getName() + " (struct)")
                        .toList()));
    }

    private static boolean isImage(Type type) {
        if (type.isRepetition(Type.Repetition.REPEATED)) {
            return false;
        } else if (type.isPrimitive()) {
            return type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY;
        }
        return type.asGroupType().containsField(BYTES)
                && type.asGroupType().getType(BYTES).isPrimitive();
    }

    private static boolean isLabel(Type type) {
        if (!type.isPrimitive() || type.isRepetition(Type.Repetition.REPEATED)) {
            return false;
        }
        PrimitiveType primitive = type.asPrimitiveType();
        return List.of(PrimitiveTypeName.INT32, PrimitiveTypeName.INT64, PrimitiveTypeName.BINARY)
                .contains(primitive.getPrimitiveTypeName());
    }

    /** Returns the label of every row; empty where there is none. */
    List<Optional<String>> labels() {
        String column = labelColumn();
        PrimitiveTypeName type = schema.getType(column).asPrimitiveType().getPrimitiveTypeName();
        List<Optional<String>> labels = new ArrayList<>();
        for (int group = 0; group < rows.size(); group++) {
            read(
                    group,
                    column,
                    row -> labels.add(
                            row.getFieldRepetitionCount(0) == 0
                                    ? Optional.empty()
                                    : Optional.of(
                                            switch (type) {
                                                case INT32 -> Integer.toString(row.getInteger(0, 0));
                                                case INT64 -> Long.toString(row.getLong(0, 0));
                                                default -> row.getString(0, 0);
                                            })));
        }
        return labels;
    }

    /**
     * Reads the images of a group of rows, one after the other.
     *
     * @param group which
     * @param image gets the bytes of each; none where there is no image
     */
    void images(int group, Consumer<byte[]> image) {
        read(group, imageColumn(), row -> image.accept(bytes(row)));
    }

    private static byte[] bytes(Group row) {
        if (row.getFieldRepetitionCount(0) == 0) {
            return new byte[0];
        } else if (row.getType().getType(0).isPrimitive()) {
            return row.getBinary(0, 0).getBytes();
        }
        Group image = row.getGroup(0, 0);
        return image.getFieldRepetitionCount(BYTES) == 0
                ? new byte[0]
                : image.getBinary(BYTES, 0).getBytes();
    }

    /** Reads one column of a group of rows. */
    private void read(int group, String column, Consumer<Group> row) {
        MessageType only = new MessageType(schema.getName(), schema.getType(column));
        try (ParquetFileReader reader = reader(file)) {
            reader.setRequestedSchema(only);
            PageReadStore pages = reader.readRowGroup(group);
            RecordReader<Group> records =
                    new ColumnIOFactory().getColumnIO(only).getRecordReader(pages, new GroupRecordConverter(only));
            for (long i = 0; i < pages.getRowCount(); i++) {
                row.accept(records.read());
            }
        } catch (DataException | UncheckedIOException e) {
            // the reader's own; or whoever takes the rows cannot keep them
            throw e;
        } catch (IOException | RuntimeException e) {
            throw damaged(file, e);
        }
    }
}
