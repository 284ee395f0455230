package ferrite.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** The seed of a random test is told if the test fails. */
class SeedTest {

    static final class FailingTest {

        private static long value;

        @Test
        void thatPasses() {
            Seed.fresh();
        }

        @Test
        void thatUsesTheSeedAndFails() {
            value = Seed.fresh().value();
            fail("on purpose");
        }
    }

    @Test
    void aFailedTestTellsItsOwnSeedAndNoOther() {
        List<Throwable> failures = new ArrayList<>();
        LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(FailingTest.class)).build(), new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        result.getThrowable().ifPresent(failures::add);
                    }
                });
        assertThat(failures).hasSize(1);
        assertThat(failures.get(0).getSuppressed()).hasSize(1);
        assertThat(failures.get(0).getSuppressed()[0]).hasToString("repeat with -Dferrite.seed=" + FailingTest.value);
    }
}
