package ferrite.kernel.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegularExpressionTest {

    /** Parts that Java's expressions and POSIX's extended ones have in common. */
    private static final List<String> PARTS = List.of("a", "b", ".", "a*", "(ab)*", "(a|b)+", "b?", "[ab]", "[^a]", "^",
            "$", "(a|)", "c", "|", "[a-c]+", "\\.");

    private static boolean matches(String expression, boolean extended, String line)
            throws RegularExpression.Wrong {
        return RegularExpression.of(expression, extended, false).isIn(line);
    }

    @Test
    void randomExpressionsMatchWhatJavasMatch() throws RegularExpression.Wrong {
        long seed = Long.getLong("ferrite.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < 3000; i++) {
            StringBuilder expression = new StringBuilder();
            for (int part = random.nextInt(5); part >= 0; part--) {
                expression.append(PARTS.get(random.nextInt(PARTS.size())));
            }
            StringBuilder line = new StringBuilder();
            for (int c = random.nextInt(7); c > 0; c--) {
                line.append("abc.".charAt(random.nextInt(4)));
            }
            assertThat(matches(expression.toString(), true, line.toString()))
                    .as("seed " + seed + ": " + expression + " in " + line)
                    .isEqualTo(Pattern.compile(expression.toString()).matcher(line).find());
        }
    }

    @Test
    void aBasicExpressionHasItsOperatorsAfterABackslash() throws RegularExpression.Wrong {
        assertThat(matches("a\\(bc\\)*d", false, "abcbcd")).isTrue();
        assertThat(matches("a+", false, "aa")).isFalse();
        assertThat(matches("a+", false, "a+")).isTrue();
        assertThat(matches("^*a", false, "*a")).isTrue();
        assertThat(matches("x\\|b\\+c", false, "bbc")).isTrue();
        assertThat(RegularExpression.of("FOO[x-z]", false, true).isIn("a fooY")).isTrue();
    }

    @Test
    void theTimeOfALineDoesNotExplode() throws RegularExpression.Wrong {
        assertThat(matches("(a*)*(a|aa)+b", true, "a".repeat(5000))).isFalse();
    }

    @Test
    void theSlowestExpressionOnTheLongestLineEnds() throws RegularExpression.Wrong {
        String line = "a".repeat(LineReader.MAX_LINE);
        String text = ".*".repeat(RegularExpression.MAX_LENGTH / 2 - 1) + "b";
        RegularExpression slowest = RegularExpression.of(text, false, false);
        assertTimeout(Duration.ofSeconds(30), () -> assertThat(slowest.isIn(line)).isFalse());
        assertThat(slowest.isIn("aab")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "[^", "(", "a{2}", "(a)\\1", "a)", "\\", "[[:alpha:]]", "\\w", "\\<a"})
    void whatIsNotThereIsRefused(String expression) {
        assertThatThrownBy(() -> RegularExpression.of(expression, true, false))
                .isInstanceOf(RegularExpression.Wrong.class);
    }
}
