package ferrite.kernel.shell;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.monitor.HelpLayout;
import ferrite.kernel.grammar.AndOr;
import ferrite.kernel.grammar.Parser;
import ferrite.kernel.grammar.SyntaxError;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandsTest {

    private static final List<Command> ALL = Commands.all(null);

    @Test
    void eachCommandHasAnExampleThatUsesIt() throws SyntaxError {
        for (Command command : ALL) {
            List<AndOr> lists = Parser.parse(command.example());
            assertThat(lists.stream().flatMap(list -> list.steps().stream())
                    .flatMap(step -> step.pipeline().commands().stream()).map(each -> each.words().get(0).text()))
                    .as(command.example()).contains(command.name());
        }
    }

    @Test
    void theHelpHasEightyColumns() {
        for (Command command : ALL) {
            StringBuilder help = new StringBuilder();
            HelpLayout.add(help, command.usage(), command.summary());
            assertThat(help.toString().lines()).allMatch(line -> line.length() <= HelpLayout.COLUMNS);
            assertThat(command.usage()).startsWith(command.name());
        }
    }
}
