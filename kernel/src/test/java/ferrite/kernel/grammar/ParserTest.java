package ferrite.kernel.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParserTest {

    private static final int STATUS = 7;

    private static List<String> words(String line) throws SyntaxError {
        return new Expansion(STATUS, pattern -> List.of()).arguments(Parser.parse(line).get(0).onlyCommand().words());
    }

    /** Writes lists with brackets for commands, so that a line shows how it was understood. */
    private static String form(String text) throws SyntaxError {
        return Parser.parse(text).stream().map(list -> list.steps().stream()
                .map(step -> (step.condition() == AndOr.Condition.ALWAYS ? "" : step.condition() + " ")
                        + (step.pipeline().isNot() ? "not " : "") + step.pipeline().commands().stream()
                        .map(ParserTest::form).collect(Collectors.joining("|")))
                .collect(Collectors.joining(" ")) + (list.inBackground() ? " bg" : ""))
                .collect(Collectors.joining("; "));
    }

    private static String form(SimpleCommand command) {
        return "[" + command.words().stream().map(Token::text).collect(Collectors.joining(" "))
                + command.redirections().stream()
                .map(each -> " " + each.descriptor() + each.kind() + each.target().text())
                .collect(Collectors.joining()) + "]";
    }

    @Test
    void blanksSeparateWords() throws SyntaxError {
        assertThat(words("  cat\t/proc/buddyinfo \0 x\r")).containsExactly("cat", "/proc/buddyinfo", "x");
        assertThat(Parser.parse("")).isEmpty();
        assertThat(Parser.parse(" \t \n # remark; echo 'x\n")).isEmpty();
    }

    @Test
    void quotesHoldBlanksOperatorsAndEachOther() throws SyntaxError {
        assertThat(words("echo 'a  b' \"c 'd'\" e' 'f")).containsExactly("echo", "a  b", "c 'd'", "e f");
        assertThat(words("echo '' \"\" '|' \"&&\" ';#' >=")).containsExactly("echo", "", "", "|", "&&", ";#", ">=");
        assertThat(words("'\"'")).containsExactly("\"");
    }

    @Test
    void aBackslashQuotesOneCharacter() throws SyntaxError {
        assertThat(words("echo \\| a\\ b \\\\ \\'")).containsExactly("echo", "|", "a b", "\\", "'");
        assertThat(words("echo \"\\$ \\n \\\" \\\\\" '\\n' a\\\nb \\")).containsExactly("echo",
                "$ \\n \" \\", "\\n", "ab", "\\");
    }

    @Test
    void aDollarStandsForTheStatusOrForItself() throws SyntaxError {
        assertThat(words("echo $? a$?b \"$?\" '$?' \\$? $ \"$\" a$")).containsExactly("echo", "7", "a7b", "7", "$?",
                "$?", "$", "$", "a$");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', value = {
        "a | b|c ~ [a]|[b]|[c]", "a && b || c ~ [a] AND [b] OR [c]", "a; b & c ~ [a]; [b] bg; [c]",
        "! a | b ~ not [a]|[b]", "a > x >>y <z 2>&1 ~ [a 1WRITEx 1APPENDy 0READz 2DUPLICATE1]",
        "2>e a 2 >f ~ [a 2 2WRITEe 1WRITEf]", "a >&2 >|f ~ [a 1DUPLICATE2 1WRITEf]", "a ;; b; ~ [a]; [b]",
        "break on order>=4 ~ [break on order>=4]", "a#b #c ~ [a#b]", "a &b ~ [a] bg; [b]",
        "echo if for ~ [echo if for]",
        "echo a=b ~ [echo a=b]"})
    void operatorsJoinCommands(String line, String form) throws SyntaxError {
        assertThat(form(line)).isEqualTo(form);
    }

    @Test
    void aLineGoesOnAfterAnOperator() throws SyntaxError {
        assertThat(form("a |\n\n b &&\nc\nd")).isEqualTo("[a]|[b] AND [c]; [d]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '^', value = {
        "echo 'a ~ is not closed", "echo \"a ~ is not closed", "echo $(ls) ~ cannot become words",
        "echo `ls` ~ cannot become words", "echo \"$(ls)\" ~ cannot become words", "echo $HOME ~ no variables",
        "echo ${x} ~ no variables", "echo $1 $$ ~ no variables", "A=1 ~ no variables", "for i in a ~ no loops",
        "if true ~ no loops", "{ a ~ no loops", "(a) ~ no subshells", "f() ~ no functions", "cat << x ~ here documents",
        "a <> b ~ opened to be read", "a 3> b ~ descriptors 0, 1 and 2", "a >&x ~ descriptors 0, 1 and 2",
        "a > ~ a path is missing", "> a ~ a command is missing", "a | ~ missing after |", "a && ~ missing after &&",
        "| a ~ no command before |", "a | | b ~ no command before |", "& ~ no command before &", "a & & b ~ no command",
        "! ~ missing at the end", "a | ! b ~ before a pipeline", "a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a ~ at most 16"})
    void whatIsNotThereIsRefusedInASentence(String line, String sentence) {
        assertThatThrownBy(() -> Parser.parse(line)).isInstanceOf(SyntaxError.class).hasMessageContaining(sentence);
    }

    @Test
    void aTextIsSplitIntoLinesOfOneList() {
        assertThat(Parser.lines("a b; c && d # e; f\n\n g | h & i 'j;\nk'; ")).containsExactly("a b", "c && d",
                "g | h &",
                "i 'j;\nk'");
        assertThat(Parser.lines(" ;; \n")).isEmpty();
    }

    @Test
    void aMistakeTakesTheRestOfItsLineAndNoMore() {
        assertThat(Parser.lines("a; echo it's; b\nc; d | ; e\n\nf 'g'")).containsExactly("a", "echo it's; b",
                "c", "d | ; e", "f 'g'");
        assertThat(Parser.lines("a; b | ; c\nd\n(")).containsExactly("a", "b | ; c", "d", "(");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', ignoreLeadingAndTrailingWhitespace = false, value = {"~", "ca~ca", "cat ~cat,",
        "cat /de~cat,/de", "a; b | c -x d~c,-x,d", "a &&b~b", "echo 'a b' c~echo,a b,c", "a >~a,>,", "a 2>/d~a,2>,/d",
        "echo \"a b~echo,\"a b", "a|~", "a # b~a,"})
    void theWordsOfTheLastCommandAreCompleted(String text, String words) {
        assertThat(String.join(",", Parser.wordsAtEnd(text == null ? "" : text))).isEqualTo(words == null ? "" : words);
    }

    @Test
    void aPlainLineIsOneCommandWithoutOperators() {
        assertThat(List.of("dma", "x/4xw 0xc0000000", "break on order>=4", "find 'a|b'")).allMatch(Parser::isPlain);
        assertThat(List.of("dma | head", "dma > /dev/x", "dma &", "dma; dma", "! dma", "'", ""))
                .noneMatch(Parser::isPlain);
    }

    @ParameterizedTest
    @CsvSource({"/dev/*, /dev/a /dev/b1 /dev/b2", "/dev/b?, /dev/b1 /dev/b2", "/d*/[!b]*, /dev/a",
            "/dev/b[2-9], /dev/b2",
        "/dev/.h*, /dev/.h", "/dev/\\*, /dev/*", "'\"/dev/*\"', /dev/*", "/dev/x*, /dev/x*", "*, *",
        "/dev/*b*1, /dev/b1",
        "/dev/[, /dev/[", "/de[v]/a, /dev/a", "/none/*, /none/*", "/dev/*/, /dev/*/"})
    void patternsStandForPathsThatMatch(String word, String paths) throws SyntaxError {
        Expansion expansion = new Expansion(0, glob -> glob.paths(directory -> switch (directory) {
            case "/" -> List.of("proc", "dev");
            case "/dev/" -> List.of("b2", "a", ".h", "b1");
            default -> null;
        }));
        assertThat(expansion.arguments(Parser.parse("ls " + word).get(0).onlyCommand().words()))
                .containsExactly(("ls " + paths).split(" "));
    }

    /** Three symbolic links to their own directory make three times as many paths at each level. */
    @ParameterizedTest
    @CsvSource({"/*/*/*/*/*/*/*, 2187", "/*/*/*/*/*/*/*/*/nothere, 1",
        "/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*, 4096"})
    void aPatternListsABoundedNumberOfDirectories(String word, int arguments) throws SyntaxError {
        int[] listed = new int[1];
        Expansion expansion = new Expansion(0, glob -> glob.paths(directory -> {
            listed[0]++;
            return List.of("a", "b", "c");
        }));
        assertThat(expansion.arguments(Parser.parse("ls " + word).get(0).onlyCommand().words()))
                .hasSize(1 + arguments);
        assertThat(listed[0]).isBetween(1000, 4096);
    }
}
