package ferrite.kernel.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ChecksTest {

    @Test
    void rulesAreChosenByName() {
        Checks checks = Checks.parse("double-free,sleep-in-atomic");
        assertThat(Arrays.stream(Rule.values()).filter(checks::has))
                .containsExactly(Rule.SLEEP_IN_ATOMIC, Rule.DOUBLE_FREE);
        assertThat(Arrays.stream(Rule.values()).filter(Checks.parse("none")::has)).isEmpty();
        assertThat(Arrays.stream(Rule.values()).filter(Checks.parse("all")::has)).containsExactly(Rule.values());
        assertThat(Arrays.stream(Rule.values()).filter(rule -> !Checks.parse("default").has(rule)))
                .containsExactly(Rule.DMA_UNINITIALIZED);
        assertThat(Checks.parse("default").has(Rule.DMA_ABOVE_REACH)).isTrue();
    }

    @Test
    void aNameThatIsNoRuleIsRefusedWithTheNamesThatThereAre() {
        assertThatThrownBy(() -> Checks.parse("double-fee")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("there is no rule 'double-fee'").hasMessageContaining("double-free");
    }

    @Test
    void everyRuleSaysWhatIsWrongAndWhatWouldBeRight() {
        for (Rule rule : Rule.values()) {
            assertThat(Rule.of(rule.text())).isEqualTo(rule);
            assertThat(rule.text()).matches("[a-z]+(-[a-z]+)+");
            assertThat(rule.wrong()).isNotBlank();
            assertThat(rule.right()).isNotBlank();
        }
    }
}
