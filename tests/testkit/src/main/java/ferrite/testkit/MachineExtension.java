package ferrite.testkit;

import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.board.wiring.Board;
import ferrite.kernel.Kernel;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.platform.commons.support.AnnotationSupport;

/** Builds the machine that {@link Machine} describes when a test first asks for it, and closes it after the test. */
final class MachineExtension implements ParameterResolver, TestExecutionExceptionHandler, AfterEachCallback {

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(MachineExtension.class);
    private static final List<Class<?>> TYPES =
            List.of(MachineRun.class, Machines.class, ferrite.hardware.Machine.class, Kernel.class, Board.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return TYPES.contains(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (type == Machines.class) {
            return machines(context);
        }
        MachineRun run = run(context);
        if (type == MachineRun.class) {
            return run;
        }
        if (type == Board.class) {
            return run.board();
        }
        return type == Kernel.class ? run.board().kernel() : run.board().machine();
    }

    /** Returns the test's ready-made machine, and boots it at the first call. */
    private static MachineRun run(ExtensionContext context) {
        MachineRun run = context.getStore(NAMESPACE).get(MachineRun.class, MachineRun.class);
        if (run == null) {
            try {
                run = machines(context).boot();
            } catch (IOException e) {
                throw new ParameterResolutionException("@Machine: " + e.getMessage(), e);
            }
            context.getStore(NAMESPACE).put(MachineRun.class, run);
        }
        return run;
    }

    private static Machines machines(ExtensionContext context) {
        Machines machines = existing(context);
        if (machines == null) {
            Machine description = description(context);
            machines = new Machines(() -> options(description));
            context.getStore(NAMESPACE).put(Machines.class, machines);
        }
        return machines;
    }

    private static Machines existing(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(Machines.class, Machines.class);
    }

    /** Finds the description. A method's annotation replaces its class's. */
    private static Machine description(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), Machine.class)
                .or(() -> AnnotationSupport.findAnnotation(context.getRequiredTestClass(), Machine.class))
                .orElseThrow(() -> new ParameterResolutionException(
                        "this test has no machine; annotate the method or its class with @Machine"));
    }

    private static BoardOptions options(Machine machine) {
        BoardOptions options = new BoardOptions().harts(machine.harts()).seed(machine.seed())
                .interleaving(machine.interleaving()).dma(machine.dma())
                .owners(machine.owners());
        try {
            MachineOptions.set(options, "--ram", machine.ram());
            for (String disk : machine.disks()) {
                MachineOptions.set(options, "--disk", disk);
            }
            for (String parameter : machine.parameters()) {
                MachineOptions.set(options, "-o", parameter);
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterResolutionException("@Machine: " + e.getMessage(), e);
        }
        return options;
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        Machines machines = existing(context);
        if (machines != null) {
            System.err.print(machines.explanation());
        }
        throw failure;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Machines machines = existing(context);
        if (machines != null) {
            machines.close();
        }
    }
}
