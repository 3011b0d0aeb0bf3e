package djinn.cli;

import djinn.cli.ImageArguments.Source;
import djinn.data.Pixels;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.tasks.segmentation.ImageSegmenter;
import djinn.tasks.segmentation.Segmentation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tells the share of every class in images, and writes for each a mask and an overlay into a folder if there is one.
 *
 * @param folder where pictures go; null if nowhere
 * @param json whether an image is told as a JSON object
 * @param out gets the answers
 * @param err gets what is wrong with single images
 */
record SegmentImages(Path folder, boolean json, PrintWriter out, PrintWriter err) {

    /** Answers all images; whether all of them could be read. */
    boolean run(Path run, Iterator<Source> sources) {
        boolean whole = true;
        Set<String> names = new HashSet<>();
        if (folder != null) {
            try {
                Files.createDirectories(folder);
            } catch (IOException e) {
                throw new DataException("--to: cannot make the folder " + folder + ": " + AtomicFile.reason(e), e);
            }
        }
        try (ImageSegmenter segmenter = ImageSegmenter.open(run)) {
            while (sources.hasNext()) {
                Source source = sources.next();
                try {
                    Pixels image = source.read(3);
                    answer(source.name(), image, segmenter.segment(image), names);
                } catch (DataException e) {
                    whole = false;
                    err.println("error: " + e.getMessage());
                    err.flush();
                }
                out.flush();
                if (out.checkError()) {
                    return whole;
                }
            }
        }
        return whole;
    }

    private void answer(String name, Pixels image, Segmentation answer, Set<String> names) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("file", name);
        line.put("shares", answer.shares());
        if (folder != null) {
            String stem = stem(name, names);
            Path mask = folder.resolve(stem + "-mask.png");
            Path overlay = folder.resolve(stem + "-overlay.png");
            answer.writeMask(mask);
            answer.writeOverlay(image, overlay);
            line.put("mask", mask.toString());
            line.put("overlay", overlay.toString());
        }
        out.println(
                json
                        ? Json.line(line)
                        : name + "  "
                                + answer.shares().entrySet().stream()
                                        .map(share -> String.format(
                                                Locale.ROOT, "%s %.2f%%", share.getKey(), 100 * share.getValue()))
                                        .collect(Collectors.joining("  ")));
    }

    /** The image's name without folder and ending; numbered where another image has it. */
    private static String stem(String name, Set<String> names) {
        Path file = Path.of(name).getFileName();
        String plain = name.equals(ImageArguments.STANDARD_INPUT) || file == null
                ? "stdin"
                : file.toString().replaceFirst("\\.[^.]*$", "");
        String stem = plain;
        for (int number = 2; !names.add(stem); number++) {
            stem = plain + "-" + number;
        }
        return stem;
    }
}
