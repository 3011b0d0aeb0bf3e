package djinn.export.trace;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The functions of a TorchScript text, parsed: the part of Python they are written in.
 *
 * <p>Known are assignments, {@code if}, {@code for ... in range(...)}, {@code while} and {@code return}; numbers,
 * strings, lists, tuples, names, calls, indexing, and the operators on numbers and truth values.
 */
final class Script {

    /** A function. */
    record Function(String name, List<String> parameters, List<Statement> body) {}

    /** A statement. */
    sealed interface Statement {}

    /** {@code a, b = value}. */
    record Assign(List<String> targets, Expression value) implements Statement {}

    /** {@code if condition: ... else: ...}. */
    record If(Expression condition, List<Statement> then, List<Statement> otherwise) implements Statement {}

    /** {@code for name in over: ...}. */
    record For(String name, Expression over, List<Statement> body) implements Statement {}

    /** {@code while condition: ...}. */
    record While(Expression condition, List<Statement> body) implements Statement {}

    /** {@code return value}. */
    record Return(Expression value) implements Statement {}

    /** An expression. */
    sealed interface Expression {}

    /** A name, with dots for what belongs to a module. */
    record Name(String name) implements Expression {}

    /** A number, string, truth value or None. */
    record Literal(Object value) implements Expression {}

    /** {@code [a, b]} or {@code a, b}. */
    record Sequence(List<Expression> items) implements Expression {}

    /** {@code of[at]}. */
    record Index(Expression of, Expression at) implements Expression {}

    /** {@code function(arguments, keyword=argument)}. */
    record Call(String function, List<Expression> arguments, Map<String, Expression> keywords) implements Expression {}

    /** {@code -x} or {@code not x}. */
    record Unary(String operator, Expression x) implements Expression {}

    /** {@code x + y} and its like. */
    record Binary(String operator, Expression x, Expression y) implements Expression {}

    private static final Pattern TOKEN = Pattern.compile(
            "\\s*(?:(\\d+\\.\\d*(?:[eE][-+]?\\d+)?|\\d+(?:[eE][-+]?\\d+)?|\\.\\d+)|([A-Za-z_][\\w]*(?:\\.[A-Za-z_]\\w*)*)"
                    + "|('[^']*'|\"[^\"]*\")|(//|\\*\\*|<=|>=|==|!=|->|[-+*/%<>=()\\[\\],:]))");

    /** Binary operators by how tightly they bind. */
    private static final List<List<String>> LEVELS = List.of(
            List.of("or"),
            List.of("and"),
            List.of("<", "<=", ">", ">=", "==", "!=", "is", "is not"),
            List.of("+", "-"),
            List.of("*", "/", "//", "%"));

    private record Line(int indent, List<String> tokens) {}

    private final List<Line> lines = new ArrayList<>();
    private int line;
    private List<String> tokens = List.of();
    private int token;

    private Script(String text) {
        text.lines().forEach(this::read);
    }

    /**
     * Parses a text.
     *
     * @param text what a {@link djinn.ops.TorchScript} was compiled from
     * @return its functions by name
     * @throws ScriptException if it holds what is not known here
     */
    static Map<String, Function> parse(String text) {
        Script script = new Script(text);
        Map<String, Function> functions = new LinkedHashMap<>();
        while (script.line < script.lines.size()) {
            Function function = script.function();
            functions.put(function.name, function);
        }
        return functions;
    }

    private void read(String text) {
        int comment = text.indexOf('#');
        String code = (comment < 0 ? text : text.substring(0, comment)).stripTrailing();
        if (code.isBlank()) {
            return;
        }
        List<String> found = new ArrayList<>();
        Matcher matcher = TOKEN.matcher(code);
        int at = 0;
        while (at < code.length()) {
            if (!matcher.find(at) || matcher.start() != at) {
                throw new ScriptException("this line is not understood: " + code.strip());
            }
            found.add(matcher.group().strip());
            at = matcher.end();
        }
        lines.add(new Line(code.length() - code.stripLeading().length(), found));
    }

    private Function function() {
        int indent = open();
        expect("def");
        String name = next();
        List<String> parameters = new ArrayList<>();
        expect("(");
        while (!peek().equals(")")) {
            parameters.add(next());
            expect(":");
            type();
            if (peek().equals(",")) {
                next();
            }
        }
        expect(")");
        // what follows is the type of the result
        return new Function(name, parameters, block(indent));
    }

    /** Skips a type: a name, and what stands in brackets behind it. */
    private void type() {
        next();
        if (peek().equals("[")) {
            int depth = 0;
            do {
                String token = next();
                depth += token.equals("[") ? 1 : token.equals("]") ? -1 : 0;
            } while (depth > 0);
        }
    }

    private List<Statement> block(int outside) {
        List<Statement> body = new ArrayList<>();
        int indent = lines.get(line).indent;
        while (line < lines.size() && lines.get(line).indent == indent && indent > outside) {
            body.add(statement());
        }
        return body;
    }

    private int open() {
        Line opened = lines.get(line++);
        tokens = opened.tokens;
        token = 0;
        return opened.indent;
    }

    private Statement statement() {
        int indent = open();
        switch (peek()) {
            case "return" -> {
                next();
                return new Return(sequence());
            }
            case "if", "elif" -> {
                next();
                Expression condition = expression(0);
                List<Statement> then = block(indent);
                List<Statement> otherwise = List.of();
                if (line < lines.size() && lines.get(line).indent == indent) {
                    String following = lines.get(line).tokens.get(0);
                    if (following.equals("else")) {
                        open();
                        otherwise = block(indent);
                    } else if (following.equals("elif")) {
                        otherwise = List.of(statement());
                    }
                }
                return new If(condition, then, otherwise);
            }
            case "for" -> {
                next();
                String name = next();
                expect("in");
                Expression over = expression(0);
                return new For(name, over, block(indent));
            }
            case "while" -> {
                next();
                Expression condition = expression(0);
                return new While(condition, block(indent));
            }
            default -> {
                return assignment();
            }
        }
    }

    private Statement assignment() {
        int equals = tokens.indexOf("=");
        List<String> before = tokens.subList(0, Math.max(0, equals));
        boolean assigns = equals > 0 && before.stream().noneMatch(t -> t.equals("("));
        if (!assigns) {
            return new Assign(List.of(), sequence());
        }
        List<String> targets = new ArrayList<>();
        targets.add(next());
        while (peek().equals(",")) {
            next();
            targets.add(next());
        }
        if (peek().equals(":")) {
            next();
            type();
        }
        expect("=");
        return new Assign(targets, sequence());
    }

    private Expression sequence() {
        Expression first = expression(0);
        if (!peek().equals(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>();
        items.add(first);
        while (peek().equals(",")) {
            next();
            items.add(expression(0));
        }
        return new Sequence(items);
    }

    private Expression expression(int level) {
        if (level == LEVELS.size()) {
            return unary();
        }
        if (level == 2 && peek().equals("not")) {
            next();
            return new Unary("not", expression(2));
        }
        Expression x = expression(level + 1);
        while (LEVELS.get(level).contains(peek())) {
            String operator = next();
            if (operator.equals("is") && peek().equals("not")) {
                next();
                operator = "is not";
            }
            x = new Binary(operator, x, expression(level + 1));
        }
        return x;
    }

    private Expression unary() {
        if (peek().equals("-")) {
            next();
            return new Unary("-", unary());
        }
        Expression x = indexed();
        if (peek().equals("**")) {
            next();
            return new Binary("**", x, unary());
        }
        return x;
    }

    private Expression indexed() {
        Expression x = primary();
        while (peek().equals("[")) {
            next();
            Expression at = sequence();
            expect("]");
            x = new Index(x, at);
        }
        return x;
    }

    private Expression primary() {
        String token = next();
        char first = token.charAt(0);
        if (Character.isDigit(first) || (first == '.' && token.length() > 1)) {
            return new Literal(
                    token.matches("\\d+") ? (Object) Long.parseLong(token) : (Object) Double.parseDouble(token));
        } else if (first == '\'' || first == '"') {
            return new Literal(token.substring(1, token.length() - 1));
        } else if (token.equals("[")) {
            List<Expression> items = items("]");
            return new Sequence(items);
        } else if (token.equals("(")) {
            Expression inner = sequence();
            expect(")");
            return inner;
        } else if (!(Character.isLetter(first) || first == '_')) {
            throw unknown(token);
        }
        return switch (token) {
            case "None" -> new Literal(null);
            case "True" -> new Literal(true);
            case "False" -> new Literal(false);
            default -> peek().equals("(") ? call(token) : new Name(token);
        };
    }

    private Expression call(String function) {
        next();
        List<Expression> arguments = new ArrayList<>();
        Map<String, Expression> keywords = new LinkedHashMap<>();
        while (!peek().equals(")")) {
            if (token + 1 < tokens.size() && tokens.get(token + 1).equals("=")) {
                String keyword = next();
                next();
                keywords.put(keyword, expression(0));
            } else {
                arguments.add(expression(0));
            }
            if (peek().equals(",")) {
                next();
            }
        }
        expect(")");
        return new Call(function, arguments, keywords);
    }

    private List<Expression> items(String end) {
        List<Expression> items = new ArrayList<>();
        while (!peek().equals(end)) {
            items.add(expression(0));
            if (peek().equals(",")) {
                next();
            }
        }
        expect(end);
        return items;
    }

    private String peek() {
        return token < tokens.size() ? tokens.get(token) : "";
    }

    private String next() {
        if (token >= tokens.size()) {
            throw unknown("the end of the line");
        }
        return tokens.get(token++);
    }

    private void expect(String expected) {
        if (!peek().equals(expected)) {
            throw unknown("'" + peek() + "' where '" + expected + "' was expected");
        }
        token++;
    }

    private ScriptException unknown(String what) {
        return new ScriptException(what + " is not understood in: " + String.join(" ", tokens));
    }
}
