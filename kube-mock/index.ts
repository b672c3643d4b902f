export { type KubeMock, type KubeMockOptions, startKubeMock } from './kube-mock.js';
