package ferrite.testkit;

import ferrite.board.Board;
import ferrite.board.BoardLimits;
import ferrite.board.BoardOptions;
import ferrite.kernel.Kernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.platform.commons.support.AnnotationSupport;

/** Builds the machine that {@link Machine} describes when a test first asks for it, and closes it after the test. */
final class MachineExtension implements ParameterResolver, TestExecutionExceptionHandler, AfterEachCallback {

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(MachineExtension.class);
    private static final Set<Class<?>> TYPES = Set.of(MachineRun.class, ferrite.hardware.Machine.class, Kernel.class, Board.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return TYPES.contains(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        MachineRun run = run(context);
        Class<?> type = parameter.getParameter().getType();
        if (type == MachineRun.class) {
            return run;
        }
        if (type == Board.class) {
            return run.board();
        }
        return type == Kernel.class ? run.board().kernel() : run.board().machine();
    }

    private static MachineRun run(ExtensionContext context) {
        MachineRun run = existing(context);
        if (run == null) {
            run = start(description(context));
            context.getStore(NAMESPACE).put(MachineRun.class, run);
        }
        return run;
    }

    private static MachineRun existing(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(MachineRun.class, MachineRun.class);
    }

    /** A method's annotation goes before its class's. */
    private static Machine description(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), Machine.class)
                .or(() -> AnnotationSupport.findAnnotation(context.getRequiredTestClass(), Machine.class))
                .orElseThrow(() -> new ParameterResolutionException("no @Machine says what machine this test is to run on"));
    }

    private static MachineRun start(Machine machine) {
        BoardOptions options = new BoardOptions().harts(machine.harts()).ram(BoardLimits.checkRam(BoardLimits.parseSize(machine.ram())))
                .seed(machine.seed()).interleaving(machine.interleaving()).dma(machine.dma());
        for (String disk : machine.disks()) {
            options.disk(Path.of(disk));
        }
        for (String parameter : machine.parameters()) {
            int equals = parameter.indexOf('=');
            if (equals < 0) {
                throw new ParameterResolutionException("@Machine parameter '" + parameter + "': DRIVER.PARAM=VALUE is expected");
            }
            BoardLimits.checkParameter(parameter.substring(0, equals), parameter.substring(equals + 1));
            options.parameter(parameter.substring(0, equals), parameter.substring(equals + 1));
        }
        try {
            return MachineRun.start(options);
        } catch (IOException e) {
            throw new ParameterResolutionException("@Machine: " + e.getMessage(), e);
        }
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        MachineRun run = existing(context);
        if (run != null) {
            System.err.print(run.err());
            System.err.println("again: " + replay(description(context), run));
        }
        throw failure;
    }

    /** The command line that does the same run: the machine, and what was typed. */
    static String replay(Machine machine, MachineRun run) {
        StringBuilder line = new StringBuilder("ferrite run --ram ").append(machine.ram()).append(" --harts ").append(machine.harts())
                .append(" --seed ").append(machine.seed())
                .append(" --interleaving ").append(machine.interleaving().name().toLowerCase(Locale.ROOT))
                .append(" --dma ").append(machine.dma().name().toLowerCase(Locale.ROOT));
        for (String disk : machine.disks()) {
            line.append(" --disk ").append(disk);
        }
        for (String parameter : machine.parameters()) {
            line.append(" -o ").append(parameter);
        }
        return line.append(" -c '").append(String.join("; ", run.typed()).replace("'", "'\\''")).append("'").toString();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        MachineRun run = existing(context);
        if (run != null) {
            run.close();
        }
    }
}
