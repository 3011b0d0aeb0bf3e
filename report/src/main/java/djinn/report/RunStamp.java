package djinn.report;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Short texts that change with files, found without reading them. */
final class RunStamp {

    private static final List<String> TEXTS =
            List.of("recipe.yaml", "provenance.yaml", "results.csv", "train.log", "best.safetensors", "report.html");

    private static final long MINUTE_MILLIS = 60_000;

    private RunStamp() {}

    /** Of a run's texts and pictures. */
    static String of(Path run) {
        List<String> names = new ArrayList<>(TEXTS);
        names.addAll(FolderPictures.of(run).files());
        StringBuilder all = new StringBuilder();
        names.forEach(name ->
                all.append(name).append(' ').append(ofFile(run.resolve(name))).append('\n'));
        // whether a run still goes on is guessed by the time
        all.append(System.currentTimeMillis() / MINUTE_MILLIS);
        return Long.toHexString(hash(all.toString()));
    }

    /** Of a file, and of none. */
    static String ofFile(Path file) {
        try {
            return Long.toHexString(Files.getLastModifiedTime(file).toMillis()) + "-"
                    + Long.toHexString(Files.size(file));
        } catch (NoSuchFileException e) {
            return "none";
        } catch (IOException e) {
            throw new DataException(file + ": cannot be looked at: " + AtomicFile.reason(e), e);
        }
    }

    private static long hash(String text) {
        long hash = 1;
        for (int i = 0; i < text.length(); i++) {
            hash = 31 * hash + text.charAt(i);
        }
        return hash;
    }
}
