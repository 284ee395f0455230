package ferrite.kernel.shell;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordsTest {

    @Test
    void blanksSeparateWords() {
        assertThat(Words.split("  cat\t/proc/buddyinfo   > /dev/null "))
                .containsExactly("cat", "/proc/buddyinfo", ">", "/dev/null");
        assertThat(Words.split("")).isEmpty();
        assertThat(Words.split(" \t ")).isEmpty();
    }

    @Test
    void quotesHoldBlanksAndEachOther() {
        assertThat(Words.split("echo 'a  b' \"c 'd'\" e' 'f")).containsExactly("echo", "a  b", "c 'd'", "e f");
        assertThat(Words.split("echo '' \"\"")).containsExactly("echo", "", "");
        assertThat(Words.split("'\"'")).containsExactly("\"");
    }

    @Test
    void aQuoteThatIsNotClosedReachesToTheEnd() {
        assertThat(Words.split("echo 'a b")).containsExactly("echo", "a b");
        assertThat(Words.split("echo \"")).containsExactly("echo", "");
    }
}
