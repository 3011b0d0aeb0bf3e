package djinn.cli;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import djinn.data.Pixels;
import djinn.inference.Answer;
import djinn.ops.ShortDecimal;
import djinn.predict.detection.DetectionFile;
import djinn.predict.detection.Detections;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Prints answers as they come, and hands them to the pictures and the file that are wanted too. */
final class PrintedAnswers implements AskedImages.Listener {

    /** How an answer is printed. */
    enum Form {
        /** For people. */
        LINES,
        /** One object per line. */
        JSON,
        /** One row per answer, under a row of names. */
        CSV
    }

    private final String about;
    private final Form form;
    private final List<String> columns;
    private final int top;
    private final Optional<AnswerPictures> pictures;
    private final Optional<DetectionFile> found;
    private final PrintWriter out;
    private final CsvWriter table;

    /**
     * Prints the row of names, if there is one.
     *
     * @param about what the first column is called: file or text
     * @param form how an answer is printed
     * @param columns those of a table behind the first
     * @param top so many classes of an answer are told at most
     * @param pictures where answers are drawn
     * @param found where objects are written
     * @param out where answers are printed
     */
    PrintedAnswers(
            String about,
            Form form,
            List<String> columns,
            int top,
            Optional<AnswerPictures> pictures,
            Optional<DetectionFile> found,
            PrintWriter out) {
        this.about = about;
        this.form = form;
        this.columns = columns;
        this.top = top;
        this.pictures = pictures;
        this.found = found;
        this.out = out;
        table = CsvWriter.builder()
                .lineDelimiter(LineDelimiter.LF)
                .bufferSize(0)
                .build(out);
        if (form == Form.CSV) {
            table.writeRecord(record(about, columns));
        }
    }

    @Override
    public void answered(String name, Optional<Pixels> image, Answer whole) {
        Answer answer = whole.first(top);
        found.ifPresent(file -> file.add(name, (Detections) answer));
        Map<String, Object> line = new LinkedHashMap<>();
        line.put(about, name);
        line.putAll(answer.fields());
        pictures.ifPresent(folder -> folder.write(name, image.orElseThrow(), answer)
                .forEach((what, file) -> line.put(what, file.toString())));
        switch (form) {
            case LINES -> out.println(name + "  " + answer.line());
            case JSON -> out.println(Json.line(line));
            case CSV ->
                table.writeRecord(record(
                        name,
                        columns.stream()
                                .map(column -> ShortDecimal.text(line.get(column)))
                                .toList()));
        }
    }

    private static List<String> record(String first, List<String> others) {
        return Stream.concat(Stream.of(first), others.stream()).toList();
    }

    @Override
    public boolean goesOn() {
        out.flush();
        // if nobody gets the answers, the end of the command says why
        return !out.checkError();
    }
}
